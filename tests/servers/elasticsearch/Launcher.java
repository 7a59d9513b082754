import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/** Starts one Elasticsearch node from its jars, laid out in the home given; it runs until the process is ended. */
public class Launcher {
    public static void main(String[] arguments) throws Exception {
        Path home = Path.of(arguments[0]).toAbsolutePath();
        System.setProperty("es.path.home", home.toString());
        System.setProperty("es.logs.base_path", home.resolve("logs").toString());
        System.setProperty("es.logs.cluster_name", "danggui-test");
        System.setProperty("es.distribution.type", "tar");
        LogConfigurator.configureESLogging();
        LogConfigurator.setNodeName("node");
        Environment environment = InternalSettingsPreparer.prepareEnvironment(
            Settings.builder().put("path.home", home.toString()).build(), Map.of(), home.resolve("config"), () -> "node");
        PluginsLoader plugins = PluginsLoader.createPluginsLoader(
            PluginsLoader.loadModulesBundles(environment.modulesDir()),
            PluginsLoader.loadPluginsBundles(environment.pluginsDir()),
            Map.of());
        new Node(environment, plugins).start();
        new CountDownLatch(1).await();
    }
}
